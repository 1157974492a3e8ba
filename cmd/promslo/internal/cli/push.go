package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/promslo/promslo/cmd/promslo/internal/grafana"
	"github.com/promslo/promslo/cmd/promslo/internal/output"
	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/generate"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
	"github.com/promslo/promslo/schema/model"
)

// pushFlags are the flags of `promslo push`.
type pushFlags struct {
	address    string
	httpConfig string
	timeout    time.Duration
	folder     string
	dryRun     bool
	prune      bool
}

// The environment variables with the address of Grafana and the token for it.
const (
	grafanaVariable = "PROMSLO_GRAFANA"
	tokenVariable   = "PROMSLO_GRAFANA_TOKEN"
)

func newPush(s streams) *cobra.Command {
	flags := pushFlags{timeout: 30 * time.Second}
	cmd := &cobra.Command{
		Use:   "push [PATH…]",
		Short: "Bring dashboards into a Grafana by its API",
		Long: `Push generates the dashboards of the specs in the files and directories given (default:
the working directory; - reads stdin), and brings them into a Grafana by their uids. What
is there already is not sent again. It prints what it did, and nothing if there was
nothing to do.

The Grafana is that of --grafana, of PROMSLO_GRAFANA or of the project file (dashboards:
{url: …}). The token of a service account comes from PROMSLO_GRAFANA_TOKEN, or from a file
in the format of Prometheus's http_config (--http-config), which also holds certificates.
Neither goes to an address from the project file, as others may change that, nor to where
a server redirects.

Dashboards go into the folder that the project file names (dashboards: {folder: …}), which
is created at the top if it is not there, or into that of --folder, else into General. A
dashboard with a uid of ours that promslo did not make, one that is provisioned from
files, and one that somebody changes meanwhile are left alone: exit code 2.

--prune also removes dashboards of SLOs that are gone: those in the folder that have the
tag promslo and a uid with the prefix of the project, which has to say one (dashboards:
{uidPrefix: …}) that no other project's begins with. It wants a run on the whole project.

Exit codes: 0 done, or nothing to do; 1 with --dry-run if there is something, or if a spec
has errors; 2 if Grafana does not answer, or not as Grafana does.`,
		Example: `  promslo push --grafana https://grafana.example.com --dry-run
  promslo push --grafana https://grafana.example.com --prune`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return runPush(cmd.Context(), s, flags, args)
		},
	}
	cmd.Flags().StringVar(&flags.address, "grafana", "", "`ADDRESS` of the Grafana to push to")
	cmd.Flags().StringVar(&flags.httpConfig, "http-config", "", "`FILE` with credentials, TLS and headers for it")
	cmd.Flags().Var((*durationFlag)(&flags.timeout), "timeout", "time that it may take for each answer")
	cmd.Flags().StringVar(&flags.folder, "folder", "", "`UID` of the folder, which must be there (default: by the title in the project file)")
	cmd.Flags().BoolVar(&flags.dryRun, "dry-run", false, "change nothing, and print what would change with a diff")
	cmd.Flags().BoolVar(&flags.prune, "prune", false, "remove dashboards of the project that are no longer generated")
	return cmd
}

func runPush(ctx context.Context, s streams, flags pushFlags, paths []string) error {
	w, err := workspace.Open(ctx, s.env(), paths)
	if err != nil {
		return err
	}
	dashboards, err := dashboardsOf(ctx, s, w)
	if err != nil {
		return err
	}
	push := grafana.Push{Dashboards: dashboards}
	if flags.prune {
		if push.Prune, err = prunePrefix(w); err != nil {
			return err
		}
	}
	if flags.dryRun {
		push.Diff = diffInGrafana
	}
	client, err := flags.open(ctx, w.Project)
	if err != nil {
		return err
	}
	switch title := w.Project.Dashboards.Folder; {
	case flags.folder != "":
		push.Folder, err = client.FolderByUID(ctx, flags.folder)
	case title != "":
		push.Folder, err = client.FolderByTitle(ctx, title)
	}
	if err != nil {
		return err
	}
	p := newProgress(s, "dashboards")
	defer p.end()
	push.Progress = p.show
	changes, err := client.Compare(ctx, push)
	p.end()
	if err != nil {
		return err
	}
	if flags.dryRun {
		return reportDryRun(s.out, changes)
	}
	return client.Apply(ctx, push, changes, func(c grafana.Change) error {
		return printed(s.out, func(out io.Writer) error {
			_, err := fmt.Fprintf(out, "%s %s\n", pushed[c.Action], c.Name)
			return err
		})
	})
}

// dashboardsOf generates the dashboards of the specs, by their uids.
func dashboardsOf(ctx context.Context, s streams, w *workspace.Workspace) ([]grafana.Dashboard, error) {
	services, findings, err := w.Services(ctx)
	if err != nil {
		return nil, err
	}
	project := w.Project
	project.Dashboards.Format = model.DashboardJSON // whatever is written to files
	files, more, err := generate.Generate(ctx, services, project, generate.Options{Only: []generate.Kind{generate.Dashboards}})
	if err != nil {
		return nil, err
	}
	findings = lint.Filter(append(findings, more...), w.Project, services)
	if diag.HasErrors(findings) { // warnings alone are for lint
		return nil, reporting{}.print(s.out, w, findings)
	}
	var out []grafana.Dashboard
	for name, data := range files {
		if !strings.HasSuffix(name, ".json") {
			continue // tells Grafana where files are
		}
		d, err := grafana.Parse(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b grafana.Dashboard) int { return strings.Compare(a.UID, b.UID) })
	return out, nil
}

// prunePrefix is what the uids begin with by which dashboards of a project are known.
func prunePrefix(w *workspace.Workspace) (string, error) {
	switch {
	case !w.Whole || !w.HasRoot:
		return "", errors.New("--prune wants a run on the whole project, in the directory of the project file or with its name: other dashboards would look as if their SLOs were gone")
	case w.Project.Dashboards.Prefix == "":
		return "", errors.New("--prune wants a prefix by which dashboards of this project are known from those of others: write `dashboards: {uidPrefix: …}` into the project file")
	}
	return w.Project.Dashboards.Prefix, nil
}

// open connects to Grafana.
func (f pushFlags) open(ctx context.Context, project model.Project) (*grafana.Client, error) {
	given := cmp.Or(f.address, os.Getenv(grafanaVariable))
	token := strings.TrimSpace(os.Getenv(tokenVariable))
	switch address := cmp.Or(given, project.Dashboards.URL); {
	case address == "":
		return nil, errors.New("which Grafana? Give --grafana ADDRESS, set " + grafanaVariable + ", or write `dashboards: {url: ADDRESS}` into the project file")
	case given == "" && (token != "" || f.httpConfig != ""):
		return nil, errors.New("credentials go only to an address that you give by --grafana or " + grafanaVariable + ": whoever may write a spec may change that in the project file")
	case strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return nil, errors.New(tokenVariable + " holds what is no token: want one line without spaces")
	default:
		return grafana.Open(ctx, grafana.Options{Address: address, HTTPConfig: f.httpConfig, Token: token, Timeout: f.timeout})
	}
}

// pushed says what was done.
var pushed = map[grafana.Action]string{
	grafana.CreateFolder: "created folder", grafana.Create: "created", grafana.Update: "updated", grafana.Move: "moved", grafana.Remove: "removed",
}

// reportDryRun prints what would be done.
func reportDryRun(out io.Writer, changes []grafana.Change) error {
	for _, c := range changes {
		if err := printDiff(out, fmt.Sprintf("would %s %s\n%s", c.Action, c.Name, c.Diff)); err != nil {
			return err
		}
	}
	if len(changes) > 0 {
		return errFindings
	}
	return nil
}

// diffInGrafana compares a dashboard in Grafana with what was generated.
func diffInGrafana(uid string, old, new []byte) string {
	return output.Diff(uid+"\tin Grafana", uid+"\tgenerated", old, new)
}
