package cli

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/promslo/promslo/schema"
	"github.com/promslo/promslo/schema/jsonschema"
)

func newSchema(s streams) *cobra.Command {
	var project, agreements bool
	cmd := &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of specs, for editors",
		Long: `Schema prints the language of specs as JSON Schema (draft-07), with which editors
complete fields, show what they mean and underline mistakes. promslo init
writes it into a project: see promslo help editors.`,
		Example: `  promslo schema > .promslo/spec.schema.json
  promslo schema --project > .promslo/project.schema.json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			file := specSchema
			switch {
			case project && agreements:
				return errors.New("--project and --agreements are two schemas: choose one")
			case project:
				file = projectSchema
			case agreements:
				file = agreementsSchema
			}
			data, err := file.contents()
			if err != nil {
				return err
			}
			_, err = s.out.Write(data)
			return err
		},
	}
	cmd.Flags().BoolVar(&project, "project", false, "that of the project file instead")
	cmd.Flags().BoolVar(&agreements, "agreements", false, "that of files *.agreements.yaml instead")
	return cmd
}

// schemaFile is a JSON Schema that editors read.
type schemaFile struct {
	name       string // from the root of a project, with slashes
	definition string // of package schema
	title      string
}

// schemaDir is the directory of schemas in a project.
const schemaDir = ".promslo"

var (
	specSchema       = schemaFile{schemaDir + "/spec.schema.json", "#Spec", "SLO spec of promslo"}
	projectSchema    = schemaFile{schemaDir + "/project.schema.json", "#Project", "project file of promslo"}
	agreementsSchema = schemaFile{schemaDir + "/agreements.schema.json", "#Agreements", "agreements of promslo"}

	schemaFiles = []schemaFile{specSchema, projectSchema, agreementsSchema}
)

func (f schemaFile) contents() ([]byte, error) {
	return jsonschema.Of(schema.Sources(), f.definition, f.title)
}
