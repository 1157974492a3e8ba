// Package zone has the time zones of the tz database.
//
// In: IANA names. Out: locations, from an embedded copy of the tz database. Unlike
// time.LoadLocation it never reads the zone files of the machine, so that a spec means
// the same everywhere.
package zone

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// The database is Go's own copy, brought up to date with Go by `go generate`.
//
//go:generate sh -c "cp \"$(go env GOROOT)/lib/time/zoneinfo.zip\" zoneinfo.zip"
//go:embed zoneinfo.zip
var database []byte

// zones is the database by name. It is read lazily, as most specs only use UTC.
var zones = sync.OnceValue(func() map[string]*zip.File {
	archive, err := zip.NewReader(bytes.NewReader(database), int64(len(database)))
	if err != nil {
		panic(err) // the embedded database is no zip file
	}
	byName := make(map[string]*zip.File, len(archive.File))
	for _, f := range archive.File {
		if !strings.HasSuffix(f.Name, "/") {
			byName[f.Name] = f
		}
	}
	return byName
})

// names is the sorted names of zones.
var names = sync.OnceValue(func() []string { return slices.Sorted(maps.Keys(zones())) })

// Names returns the names of all zones, sorted.
func Names() []string { return slices.Clone(names()) }

// Load returns the zone with a name, which is case-sensitive. Neither "" nor "Local" is
// known.
func Load(name string) (loc *time.Location, known bool) {
	if name == "UTC" {
		return time.UTC, true
	}
	f := zones()[name]
	if f == nil {
		return nil, false
	}
	r, err := f.Open()
	if err != nil {
		return nil, false
	}
	defer r.Close()
	data, err := io.ReadAll(r)
	if err != nil {
		return nil, false
	}
	loc, err = time.LoadLocationFromTZData(name, data)
	return loc, err == nil
}
