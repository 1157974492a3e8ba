package promapi

import (
	"errors"
	"net/http"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"

	"github.com/promslo/promslo/cmd/promslo/internal/httpapi"
)

// Error is an answer that is of no use, in a sentence.
type Error = httpapi.Error

// Unsupported reports whether a server does not have the part of the API that was asked.
func Unsupported(err error) bool {
	return httpapi.HasStatus(err, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotImplemented)
}

// Errorf returns an error that names the server.
func (c *Client) Errorf(format string, args ...any) *Error { return c.http.Errorf(format, args...) }

// wrap names the server in an error of a query.
func (c *Client) wrap(err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	if e, ok := errors.AsType[*v1.Error](err); ok {
		if e.Type == v1.ErrBadResponse {
			return c.Errorf("its answer is not that of a Prometheus: %s", httpapi.Shorten(e.Msg))
		}
		return c.Errorf("%s", httpapi.Shorten(e.Msg))
	}
	return c.Errorf("%s", httpapi.Shorten(err.Error()))
}

// advice is what to do about a status.
var advice = map[int]string{
	http.StatusUnauthorized: " (give credentials by --http-config FILE)",
	http.StatusForbidden:    " (the credentials of --http-config do not suffice)",
	http.StatusNotFound:     " (is the address right? /api/v1/query is to be below it)",
}
