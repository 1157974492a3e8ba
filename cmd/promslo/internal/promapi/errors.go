package promapi

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
)

// Error is an answer that is of no use, in a sentence.
type Error struct {
	Host   string
	Status int // of HTTP; 0 if that was not the matter
	Text   string
}

func (e *Error) Error() string { return fmt.Sprintf("Prometheus at %s: %s", e.Host, e.Text) }

// Unsupported reports whether a server does not have the part of the API that was asked.
func Unsupported(err error) bool {
	e, ok := errors.AsType[*Error](err)
	return ok && (e.Status == http.StatusNotFound || e.Status == http.StatusMethodNotAllowed || e.Status == http.StatusNotImplemented)
}

func (c *Client) errorf(format string, args ...any) *Error {
	return &Error{Host: c.Host, Text: fmt.Sprintf(format, args...)}
}

// wrap names the server in an error of a query.
func (c *Client) wrap(err error) error {
	if e, ok := errors.AsType[*Error](err); ok {
		e.Host = c.Host
		return e
	}
	if e, ok := errors.AsType[*v1.Error](err); ok {
		if e.Type == v1.ErrBadResponse {
			return c.errorf("its answer is not that of a Prometheus: %s", shorten(e.Msg))
		}
		return c.errorf("%s", shorten(e.Msg))
	}
	return c.errorf("%s", shorten(err.Error()))
}

// advice is what to do about a status.
var advice = map[int]string{
	http.StatusUnauthorized:        " (give credentials by --http-config FILE)",
	http.StatusForbidden:           " (the credentials of --http-config do not suffice)",
	http.StatusNotFound:            " (is the address right? /api/v1/query is to be below it)",
	http.StatusUnprocessableEntity: "",
}

// shorten keeps what a server says to one line of a message.
func shorten(text string) string {
	const most = 300
	text = strings.Join(strings.Fields(text), " ")
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
