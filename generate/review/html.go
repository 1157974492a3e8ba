package review

import (
	_ "embed"
	"html/template"
	"io"
	"sync"
)

//go:embed review.html
var page string

var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("review").Funcs(template.FuncMap{
		"share": Share, "left": Left, "good": Good, "count": Count, "amount": Amount,
	}).Parse(page))
})

// HTML prints the review as one page that needs nothing else: no script, no file.
func (r Review) HTML(out io.Writer) error { return pageTemplate().Execute(out, r) }
