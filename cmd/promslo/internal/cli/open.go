package cli

import (
	"context"

	"github.com/promslo/promslo/cmd/promslo/internal/workspace"
	"github.com/promslo/promslo/schema/diag"
	"github.com/promslo/promslo/schema/lint"
	"github.com/promslo/promslo/schema/model"
)

// contractsOf reads the specs that paths name, and those of what they depend on. The findings
// are those that the project file and comments leave.
func contractsOf(ctx context.Context, s streams, paths []string) (*workspace.Workspace, model.Contracts, []diag.Finding, error) {
	w, err := workspace.Open(ctx, s.env(), paths)
	if err != nil {
		return nil, model.Contracts{}, nil, err
	}
	contracts, findings, err := w.Contracts(ctx)
	return w, contracts, lint.Filter(findings, w.Project, contracts.Services), err
}
