package output

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/gofrs/flock"
)

// ErrBusy says that another run held the lock of a directory for too long.
var ErrBusy = errors.New("another run of promslo is writing to it; wait for that, or end it")

// Lock says how to lock an output directory.
type Lock struct {
	Shared  bool          // beside others that only read
	Wait    time.Duration // for a run that holds it
	Waiting func()        // called once if there is one
}

// Take locks a directory until release is called, or the process ends. Locked is
// false where the file system has no locks.
func (l Lock) Take(ctx context.Context, dir string) (release func(), locked bool, err error) {
	if locks, err := lockFile(dir); err != nil {
		return nil, false, err
	} else {
		dir = locks
	}
	lock := flock.New(dir, flock.SetFlag(lockFlag))
	release = func() { _ = lock.Unlock() }
	try, wait := lock.TryLock, lock.TryLockContext
	if l.Shared {
		try, wait = lock.TryRLock, lock.TryRLockContext
	}
	switch locked, err = try(); {
	case err != nil:
		return func() {}, false, nil // files are whole without a lock too, as they come by renames
	case locked:
		return release, true, nil
	}
	l.Waiting()
	limited, cancel := context.WithTimeout(ctx, l.Wait)
	defer cancel()
	locked, err = wait(limited, 20*time.Millisecond)
	switch {
	case ctx.Err() != nil:
		return nil, false, ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		return nil, false, ErrBusy
	}
	return release, locked, err
}

// lockFlag opens what is locked, without creating anything in a user's tree.
const lockFlag = os.O_RDONLY

// lockFile is what is locked for a directory: itself where systems can, so that no
// file lies about.
func lockFile(dir string) (string, error) {
	if runtime.GOOS != "windows" {
		return dir, nil
	}
	sum := sha256.Sum256([]byte(dir))
	name := filepath.Join(os.TempDir(), fmt.Sprintf("promslo-%x.lock", sum[:8]))
	f, err := os.OpenFile(name, os.O_RDONLY|os.O_CREATE, 0o666)
	if err != nil {
		return "", err
	}
	return name, f.Close()
}
