package gitref

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Logged is a commit of a history.
type Logged struct {
	Commit  Commit
	Day     time.Time // on which it was committed, UTC
	Subject string    // first line of its message
}

// Log returns the latest commits, at most most, that changed files below the directory whose
// names match one of some globs, the oldest first: those of the branch itself, of which a
// merge is one. Complete: there are no earlier ones.
func (r *Repo) Log(ctx context.Context, from Commit, most int, globs ...string) (out []Logged, complete bool, err error) {
	args := []string{"log", "--first-parent", "--no-show-signature", "--format=%H %ct %s", "-n", strconv.Itoa(most + 1), string(from), "--"}
	for _, g := range globs {
		args = append(args, ":(glob)**/"+g)
	}
	text, err := r.git(ctx, args...)
	if err != nil {
		return nil, false, err
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 3)
		if len(fields) < 3 {
			continue
		}
		seconds, err := strconv.ParseInt(fields[1], 10, 64)
		if err != nil {
			return nil, false, fmt.Errorf("git log: %w", err)
		}
		out = append([]Logged{{Commit(fields[0]), time.Unix(seconds, 0).UTC(), fields[2]}}, out...)
	}
	shallow, err := r.git(ctx, "rev-parse", "--is-shallow-repository")
	complete = len(out) <= most && strings.TrimSpace(string(shallow)) == "false"
	return out, complete, err
}
