package report

import (
	"io"
	"net/url"
	"slices"
	"strings"

	"github.com/promslo/promslo/cmd/promslo/internal/version"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
)

// The part of SARIF 2.1.0 that GitHub code scanning reads. Libraries for all of it slow down
// the start of the program.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version"`
		URI     string      `json:"informationUri"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID    diag.ID       `json:"id"`
		Short *sarifMessage `json:"shortDescription,omitempty"`
		Help  *sarifHelp    `json:"help,omitempty"`
	}
	sarifHelp struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown"`
	}
	sarifResult struct {
		RuleID    diag.ID         `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifMessage    `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
	}
	sarifMessage struct {
		Text string `json:"text"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
	}
)

// noLink keeps text from being a Markdown link.
var noLink = strings.NewReplacer("](", "] (")

// sarif prints one run with the findings as results.
func sarif(w io.Writer, r Report) error {
	all := r.all()
	run := sarifRun{
		Tool:       sarifTool{sarifDriver{Name: "promslo", Version: version.Read().Version, URI: "https://github.com/promslo/promslo", Rules: []sarifRule{}}},
		ColumnKind: "unicodeCodePoints",
		Results:    []sarifResult{},
	}
	rules := &run.Tool.Driver.Rules
	for _, f := range all {
		result := sarifResult{
			RuleID: f.ID, Level: f.Severity.String(),
			Message: sarifMessage{noLink.Replace(strings.Join(findingLines(f, false), "\n"))},
		}
		if result.RuleIndex = slices.IndexFunc(*rules, func(r sarifRule) bool { return r.ID == f.ID }); result.RuleIndex < 0 {
			result.RuleIndex = len(*rules)
			*rules = append(*rules, sarifRuleOf(f.ID))
		}
		if f.Pos.File != "" {
			at := sarifPhysical{Artifact: sarifArtifact{(&url.URL{Path: sanitize(f.Pos.File)}).String()}}
			if f.Pos.Line > 0 {
				at.Region = &sarifRegion{f.Pos.Line, f.Pos.Column}
			}
			result.Locations = []sarifLocation{{at}}
		}
		run.Results = append(run.Results, result)
	}
	return WriteJSON(w, sarifLog{
		Schema:  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
		Version: "2.1.0", Runs: []sarifRun{run},
	})
}

// sarifRuleOf returns the rule of a finding.
func sarifRuleOf(id diag.ID) sarifRule {
	rule, known := lint.Find(id)
	if !known {
		return sarifRule{ID: id}
	}
	return sarifRule{ID: id, Short: &sarifMessage{rule.Purpose}, Help: &sarifHelp{rule.Page, rule.Page}}
}
