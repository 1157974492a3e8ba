// Package version says which promslo this is.
//
// In: what Go wrote into the program when it was built. Out: version, commit and date. They
// are in no generated file, so that a new version changes only the files that it
// generates otherwise.
package version

import (
	"runtime/debug"
	"strings"
)

// Info is what is known of the build. Commit and Date are empty where git was not asked.
type Info struct {
	Version string // such as 0.1.0; devel where the build has no version
	Commit  string // of git, in full, with a + behind it if files differed
	Date    string // of the commit, RFC 3339
}

// Read returns what is known of this program.
func Read() Info {
	build, known := debug.ReadBuildInfo()
	if !known {
		return Info{Version: "devel"}
	}
	return of(build)
}

func of(build *debug.BuildInfo) Info {
	info := Info{Version: strings.TrimPrefix(build.Main.Version, "v")}
	if info.Version == "" || info.Version == "(devel)" {
		info.Version = "devel"
	}
	for _, setting := range build.Settings {
		switch setting.Key {
		case "vcs.revision":
			info.Commit = setting.Value + info.Commit
		case "vcs.time":
			info.Date = setting.Value
		case "vcs.modified":
			if setting.Value == "true" {
				info.Commit += "+"
			}
		}
	}
	return info
}

// String is a line for people.
func (i Info) String() string {
	text := "promslo " + i.Version
	if i.Commit != "" {
		text += " (commit " + i.Commit + ", " + i.Date + ")"
	}
	return text
}
