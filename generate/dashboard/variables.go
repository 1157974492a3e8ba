package dashboard

import (
	"fmt"
	"regexp"
	"strconv"

	"github.com/grafana-tools/sdk"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/promslo/promslo/generate/plan"
	"github.com/promslo/promslo/generate/promql"
)

func datasourceVariable() variable {
	return variable{
		TemplateVar: sdk.TemplateVar{Name: "datasource", Label: "Data source", Type: "datasource"},
		Query:       "prometheus",
		Refresh:     1,
		Options:     []sdk.Option{},
		// Grafana's own default if that is a Prometheus, else the first one that is.
		Current: sdk.Option{Text: "default", Value: "default"},
	}
}

// variableQuery is a query as the data source keeps it for its editor.
type variableQuery struct {
	Query string `json:"query"`
	RefID string `json:"refId"`
}

// queried is a variable whose values a query returns.
func queried(name, label, query string, order int) variable {
	datasource := prometheus()
	return variable{
		TemplateVar: sdk.TemplateVar{Name: name, Label: label, Type: "query"},
		Query:       variableQuery{Query: query, RefID: "StandardVariableQuery"},
		Refresh:     2, // with the time range
		Options:     []sdk.Option{},
		Current:     sdk.Option{}, // the first, once they are known
		Datasource:  &datasource,
		Order:       &order,
	}
}

// filterVariable filters by values of a label of slo:info; unless somebody chooses, nothing is left out.
func filterVariable(name, label, of string) variable {
	const alphabetical = 1
	v := queried(name, label, "label_values("+plan.Info+", "+of+")", alphabetical)
	v.Multi, v.IncludeAll, v.AllValue = true, true, ".*"
	v.Current = map[string][]string{"text": {"All"}, "value": {"$__all"}}
	return v
}

// dimension is a label by which an SLO has several budgets: one by which it is grouped, or an
// external label of the servers that record it.
type dimension struct{ label, variable string }

// dimensionsOf lists those of servers first.
func dimensionsOf(external, groupBy []string) (out []dimension) {
	for _, label := range external {
		out = append(out, dimension{label, variableName(label, len(out)+1)})
	}
	for _, label := range groupBy {
		out = append(out, dimension{label, variableName(label, len(out)+1)})
	}
	return out
}

var isVariable = regexp.MustCompile(`^[a-z][a-zA-Z0-9_]*$`)

// variableName is the label itself where Grafana takes that for the name of a variable.
func variableName(label string, n int) string {
	if isVariable.MatchString(label) && label != "datasource" {
		return label
	}
	return "group" + strconv.Itoa(n)
}

// chosen is a matcher for the value that a variable has.
func (d dimension) chosen() *promql.Matcher { return promql.Equal(d.label, variableMark+d.variable) }

// among matches any of the values that a variable has.
func among(label, variable string) *promql.Matcher {
	return labels.MustNewMatcher(labels.MatchRegexp, label, variableMark+variable)
}

// worst is a variable for the values of a dimension, that with the least budget first, which
// is shown unless somebody chooses another. Those chosen before narrow it down.
func worst(slo plan.SLO, d dimension, before []dimension) variable {
	const asReturned = 0
	of := slo.Series(plan.BudgetRemaining)
	for _, b := range before {
		of.LabelMatchers = append(of.LabelMatchers, b.chosen())
	}
	v := queried(d.variable, escapeTitle(d.label), "query_result("+text(promql.Call("sort", promql.Min(of, d.label)))+")", asReturned)
	v.Regex = fmt.Sprintf(`/%s="((?:[^"\\]|\\.)*)"/`, regexp.QuoteMeta(d.label))
	return v
}
