package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/read"
)

// maxHeaders is how many headers a request may have beside its own.
const maxHeaders = 10

// ownHeaders are those that requests have by themselves or that a proxy obeys.
var ownHeaders = []string{"host", "content-type", "content-length", "content-encoding", "transfer-encoding", "connection", "accept", "accept-encoding", "te", "trailer", "upgrade"}

// server decodes which Prometheus is asked.
func (c *fileChecker) server(n *read.Node) model.Server {
	out := model.Server{URL: c.text(n, "url"), Headers: c.stringMap(nil, n.Get("headers"))}
	if headers := c.valid(n, "headers"); headers != nil {
		if len(headers.Fields) > maxHeaders {
			c.add(diag.TooManyValues, headers.Pos, fmt.Sprintf("headers has %d entries, and may have at most %d", len(headers.Fields), maxHeaders), "")
		}
		for _, f := range c.fields(headers) {
			name := strings.ToLower(f.Key)
			switch {
			case name == "authorization" || name == "cookie" || strings.HasPrefix(name, "proxy-"):
				c.add(diag.InvalidValue, f.Value.Pos, f.Key+" holds credentials, which everybody who reads this file would have", "write them into a file of Prometheus's http_config, for --http-config")
			case slices.Contains(ownHeaders, name):
				c.add(diag.InvalidValue, f.Value.Pos, f.Key+" is a header that requests have by themselves", "remove it")
			case strings.ContainsFunc(f.Value.Text, func(r rune) bool { return r < ' ' || r == 0x7f }):
				c.add(diag.InvalidValue, f.Value.Pos, "the header "+f.Key+" holds a control character", "write it in one line")
			}
		}
	}
	return out
}
