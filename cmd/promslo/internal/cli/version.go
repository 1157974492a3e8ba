package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/promslo/promslo/cmd/promslo/internal/version"
)

func newVersion(s streams) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  promslo version",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(s.out, "%s\n", version.Read())
			return err
		},
	}
}
