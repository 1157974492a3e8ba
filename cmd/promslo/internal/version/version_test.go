package version

import (
	"runtime/debug"
	"testing"
)

func TestString(t *testing.T) {
	settings := []debug.BuildSetting{{Key: "vcs.revision", Value: "4f0c2e"}, {Key: "vcs.time", Value: "2026-11-27T08:00:00Z"}, {Key: "vcs.modified", Value: "true"}}
	for want, build := range map[string]*debug.BuildInfo{
		"promslo devel": {Main: debug.Module{Version: "(devel)"}},
		"promslo 0.1.0": {Main: debug.Module{Version: "v0.1.0"}},
		"promslo 0.2.0 (commit 4f0c2e+, 2026-11-27T08:00:00Z)": {Main: debug.Module{Version: "v0.2.0"}, Settings: settings},
		"promslo 0.2.0 (commit 4f0c2e, 2026-11-27T08:00:00Z)":  {Main: debug.Module{Version: "v0.2.0"}, Settings: settings[:2]},
	} {
		if got := of(build).String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
