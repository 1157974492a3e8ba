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

// ErrBusy is the error if another run holds the lock of a directory for too long.
var ErrBusy = errors.New("another run of promslo is writing to it; wait for that, or end it")

// Lock is the options for locking an output directory.
type Lock struct {
	Shared bool          // a read lock
	Wait   time.Duration // maximum time to wait for another run
	OnWait func()        // called once before waiting
}

// Take locks a directory until release is called or the process ends. Locked is false if
// the file system does not support locks.
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
		return func() {}, false, nil // without a lock renames still keep files complete
	case locked:
		return release, true, nil
	}
	l.OnWait()
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

// lockFlag opens the locked file without creating anything in a user's tree.
const lockFlag = os.O_RDONLY

// lockFile returns the path to lock for a directory: itself, except on Windows, which
// cannot lock directories.
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
