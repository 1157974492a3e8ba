//go:build !linux && !darwin

package sandbox

// setLimits does nothing: only the watchdog limits the process.
func setLimits() {}
