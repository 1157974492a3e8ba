package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/schema/depend"
	"github.com/promslo/promslo/schema/lint"
	"github.com/promslo/promslo/schema/model"
	"github.com/promslo/promslo/schema/words"
)

// agreeFlags are the flags of `promslo agree`.
type agreeFlags struct {
	by                []string
	on, until, review dateFlag
	note, file        string
}

func newAgree(s streams) *cobra.Command {
	flags := agreeFlags{on: dateFlag(time.Now().UTC().Format(time.DateOnly))}
	cmd := &cobra.Command{
		Use:   "agree [CONSUMER PROVIDER --by NAME]",
		Short: "Write down what two services agreed on, or list all contracts",
		Long: `Agree lists what services of the project need of others, and whether they agreed on
it. With two names it writes down that they did: what the consumer, a service, needs
of the provider, an SLO as service/slo or a bought service, and what that promises, as
a hash of both. promslo lint tells when either changes (terms-changed).

It writes to promslo.agreements.yaml beside the project file, or where there is an
agreement of the two already, if that is a YAML file of agreements.`,
		Example: `  promslo agree
  promslo agree checkout payment/authorize --by 'Ann (checkout)' --by 'Bob (payment)'
  promslo agree checkout payment/authorize --by Ann --until 2027-02-28 --review 2026-09-01`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 0 && len(args) != 2 {
				return errors.New("want a consumer and a provider, or nothing to list all contracts")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 2 && len(flags.by) == 0 {
				return errors.New("say by --by who agreed")
			}
			return runAgree(cmd.Context(), s, flags, args)
		},
	}
	cmd.Flags().StringArrayVar(&flags.by, "by", nil, "`NAME` of somebody who agreed; once for each")
	cmd.Flags().Var(&flags.on, "on", "`DATE` of the agreement")
	cmd.Flags().Lookup("on").DefValue = "today"
	cmd.Flags().Var(&flags.until, "until", "last `DATE` on which it holds")
	cmd.Flags().Var(&flags.review, "review", "`DATE` on which to look at it again")
	cmd.Flags().StringVar(&flags.note, "note", "", "`TEXT` that says what else there is to say")
	cmd.Flags().StringVar(&flags.file, "file", "promslo.agreements.yaml", "`FILE` of new agreements, from the root of the project")
	return cmd
}

func runAgree(ctx context.Context, s streams, flags agreeFlags, names []string) error {
	w, contracts, err := wholeProject(ctx, s, s.out)
	if err != nil {
		return err
	}
	needs := depend.New(contracts)
	if len(names) == 0 {
		return printed(s.out, func(out io.Writer) error { return listAgreements(out, needs, contracts.Services, time.Now()) })
	}
	consumer, provider := names[0], names[1]
	i := slices.IndexFunc(contracts.Services, func(s model.Service) bool { return s.Name == consumer })
	if i < 0 {
		return fmt.Errorf("there is no service %s", consumer)
	}
	service := contracts.Services[i]
	terms, known := needs.Terms(service, provider)
	if !known {
		return fmt.Errorf("%s needs nothing of %s%s", consumer, provider, neededInstead(service))
	}
	a := model.Agreement{Consumer: consumer, Provider: provider, Terms: terms, By: flags.by, On: flags.on.time(), Until: flags.until.time(), Review: flags.review.time(), Note: flags.note}
	for _, last := range []time.Time{a.Until, a.Review} {
		if !last.IsZero() && last.Before(a.On) {
			return fmt.Errorf("%s is before the day of the agreement, %s", last.Format(time.DateOnly), a.On.Format(time.DateOnly))
		}
	}
	file, err := agreementFile(w, service, a, flags.file)
	if err != nil {
		return err
	}
	if err := writeAgreement(w, file, a); err != nil {
		return fmt.Errorf("%s: %w", w.Shown(file), err)
	}
	_, err = fmt.Fprintf(s.out, "wrote %s: %s and %s agreed on %s\n", w.Shown(file), consumer, provider, terms)
	return err
}

// wholeProject loads all specs of the project of a directory, else of the working directory.
// Errors in them are printed.
func wholeProject(ctx context.Context, s streams, findingsTo io.Writer, dir ...string) (*workspace.Workspace, model.Contracts, error) {
	w, err := workspace.OpenProject(s.env(), dir)
	if err != nil {
		return nil, model.Contracts{}, err
	}
	if err := w.ReadSpecs(ctx, []string{w.Root}); err != nil {
		return nil, model.Contracts{}, err
	}
	if err := w.CheckSpecs(nil); err != nil {
		return nil, model.Contracts{}, err
	}
	contracts, findings, err := w.Contracts(ctx)
	if err != nil {
		return nil, model.Contracts{}, err
	}
	return w, contracts, reporting{}.print(findingsTo, w, lint.Filter(findings, w.Project, contracts.Services))
}

// neededInstead lists the providers of a service.
func neededInstead(s model.Service) string {
	var names []string
	for _, d := range s.DependsOn {
		for _, n := range d.Alternatives {
			names = append(names, n.Provider())
		}
	}
	if len(names) == 0 {
		return ", nor of anybody else (dependsOn)"
	}
	return ", but of " + strings.Join(names, ", ")
}

// agreementFile is where an agreement is written: where it is already, or else a file by its
// name.
func agreementFile(w *workspace.Workspace, s model.Service, a model.Agreement, name string) (string, error) {
	file := workspace.Absolute(w.Root, filepath.FromSlash(name))
	for _, other := range s.Agreements {
		if other.Provider == a.Provider {
			file = workspace.Absolute(w.Cwd, filepath.FromSlash(other.At("terms").File))
			if !isAgreementYAML(file) {
				return "", fmt.Errorf("the agreement is at %s: write `terms: %s` there", other.At("terms"), a.Terms)
			}
		}
	}
	if !isAgreementYAML(file) || !workspace.Within(filepath.ToSlash(file), filepath.ToSlash(w.Root)) {
		return "", fmt.Errorf("%s: a file of agreements is in the project, and ends in .agreements.yaml", name)
	}
	return file, nil
}

// listAgreements prints a line for each need.
func listAgreements(out io.Writer, needs *depend.Graph, services []model.Service, now time.Time) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "CONSUMER\tPROVIDER\tNEEDED\tPROMISED\tTERMS\tAGREED")
	for _, s := range services {
		listed := map[string]bool{}
		for _, d := range s.DependsOn {
			for _, n := range d.Alternatives {
				terms, known := needs.Terms(s, n.Provider())
				if !known || listed[n.Provider()] {
					continue
				}
				listed[n.Provider()] = true
				promise, _ := needs.Promised(n)
				fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", s.Name, n.Provider(), cmp.Or(depend.NeedText(n), "not said"), percentOver(promise.Min, promise.Period.Window), terms, agreed(s, n.Provider(), terms, now))
			}
		}
	}
	return t.Flush()
}

func percentOver(percent float64, window time.Duration) string {
	if percent == 0 {
		return "not said"
	}
	return words.Over(percent, window)
}

// agreed says whether a service and a provider agreed on terms.
func agreed(s model.Service, provider string, terms model.Terms, now time.Time) string {
	i := slices.IndexFunc(s.Agreements, func(a model.Agreement) bool { return a.Provider == provider })
	if i < 0 {
		return "no"
	}
	a := s.Agreements[i]
	switch {
	case model.Over(a.Until, now):
		return "until " + a.Until.Format(time.DateOnly)
	case a.Terms != terms:
		return "on other terms"
	}
	return a.On.Format(time.DateOnly) + " by " + strings.Join(a.By, ", ")
}

// dateFlag is a day.
type dateFlag string

func (f *dateFlag) Set(text string) error {
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return errors.New("want a date such as 2026-03-01")
	}
	*f = dateFlag(text)
	return nil
}

func (f *dateFlag) String() string { return string(*f) }
func (f *dateFlag) Type() string   { return "DATE" }

// time is the start of the day in UTC; zero: none.
func (f dateFlag) time() time.Time {
	t, _ := time.Parse(time.DateOnly, string(f))
	return t
}
