package cli

import (
	"cmp"
	"context"
	"errors"
	"os"
	"time"

	"github.com/spf13/pflag"

	"github.com/promslo/promslo/cmd/promslo/internal/promapi"
	"github.com/promslo/promslo/schema/model"
)

// serverFlags are the flags of commands that ask a Prometheus.
type serverFlags struct {
	address    string
	httpConfig string
	timeout    time.Duration
	at         timeFlag
}

// addressVariable names the environment variable with the address of Prometheus.
const addressVariable = "PROMSLO_PROMETHEUS"

// serverHelp is what the help of such commands says about the server.
const serverHelp = `The Prometheus is that of --prometheus, of PROMSLO_PROMETHEUS or of the project file
(prometheus: {url: …}), or anything with its API: Thanos, Mimir, VictoriaMetrics.
Credentials come from --http-config alone, in the format of Prometheus's http_config,
and never go to an address from the project file.

Exit code 2 stands for "cannot tell": there is no answer, or too little data.`

// bind adds the flags.
func (f *serverFlags) bind(flags *pflag.FlagSet) {
	f.timeout = 30 * time.Second
	flags.StringVar(&f.address, "prometheus", "", "`ADDRESS` of the Prometheus to ask")
	flags.StringVar(&f.httpConfig, "http-config", "", "`FILE` with credentials, TLS and headers for it")
	flags.Var((*durationFlag)(&f.timeout), "timeout", "time that it may take for each answer")
	flags.Var(&f.at, "at", "look at what was known at a `TIME` such as 2026-05-01T00:00:00Z (default: now)")
}

// now is the time as of which a command looks.
func (f serverFlags) now() time.Time {
	if t := time.Time(f.at); !t.IsZero() {
		return t
	}
	return time.Now().UTC().Truncate(time.Second)
}

// open connects to the server. It has to be closed to take the line of progress away.
func (f serverFlags) open(ctx context.Context, s streams, project model.Project) (*promapi.Client, func(), error) {
	address := cmp.Or(f.address, os.Getenv(addressVariable))
	switch {
	case address == "" && project.Server.URL == "":
		return nil, nil, errors.New("which Prometheus is to be asked? Give --prometheus ADDRESS, set " + addressVariable + ", or write `prometheus: {url: ADDRESS}` into the project file")
	case address == "" && f.httpConfig != "":
		return nil, nil, errors.New("credentials go only to an address that you give by --prometheus or " + addressVariable + ": whoever may write a spec may change that in the project file")
	}
	p := newProgress(s, "queries")
	client, err := promapi.Open(ctx, promapi.Options{
		Address: cmp.Or(address, project.Server.URL), HTTPConfig: f.httpConfig, Headers: project.Server.Headers,
		Timeout: f.timeout, Progress: p.show,
	})
	if err != nil {
		p.end()
		return nil, nil, err
	}
	return client, p.end, nil
}

// timeFlag is a moment such as 2026-05-01T00:00:00Z; zero: not given.
type timeFlag time.Time

func (f *timeFlag) Set(text string) error {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil && t.Year() >= 2000 && t.Year() < 2100 {
			*f = timeFlag(t.UTC())
			return nil
		}
	}
	return errors.New("want a date such as 2026-05-01 or a time such as 2026-05-01T12:00:00Z")
}

func (f *timeFlag) String() string {
	if t := time.Time(*f); !t.IsZero() {
		return t.Format(time.RFC3339)
	}
	return ""
}

func (f *timeFlag) Type() string { return "TIME" }
