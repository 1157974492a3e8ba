package plan

import (
	"fmt"
	"testing"
	"time"

	"github.com/promslo/promslo/schema/model"
)

// Promises to customers are measured over periods of their own, each once.
func TestCustomerPeriods(t *testing.T) {
	const day = model.Day
	berlin, err := NewClock("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	kolkata, err := NewClock("Asia/Kolkata")
	if err != nil {
		t.Fatal(err)
	}
	promise := func(audience string, window time.Duration, calendar model.Calendar, clock Clock) External {
		return External{External: model.External{Audience: audience, Window: window, Calendar: calendar}, clock: clock}
	}
	slo := SLO{ID: "a/b", Period: 30 * day, Tile: time.Hour, RawWindow: true, Externals: []External{
		promise("all", 30*day, "", Clock{}), promise("ACME", 7*day, "", Clock{}), promise("Bolt", 31*day, model.Month, berlin),
		promise("Cork", 7*day, "", Clock{}), promise("Dean", 12*time.Hour, "", Clock{}), promise("East", 31*day, model.Month, berlin),
	}}
	var got []string
	for _, of := range slo.CustomerPeriods() {
		bad, window := of.PeriodSum(BadEvents)
		got = append(got, fmt.Sprintln(of.PeriodText(), of.Tile, of.RawWindow, bad, window == of.Period))
	}
	want := []string{
		"7d 1h0m0s false slo:external_bad_events:sum true\n", "a calendar month 1h0m0s false slo:external_bad_events:sum true\n", "12h 5m0s false slo:external_bad_events:sum true\n",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Error(got)
	}
	same := slo.Measuring(slo.Externals[0])
	if name, _ := same.PeriodSum(TotalEvents); name != TotalSum || same.ForCustomers || !same.RawWindow {
		t.Error(name)
	}
	if got := slo.LongTiles(); len(got) != 1 || got[0] != time.Hour {
		t.Error(got)
	}
	// Where midnight is half an hour off, tiles are half an hour long.
	slo.Externals = []External{promise("all", 31*day, model.Month, kolkata)}
	if got := slo.LongTiles(); len(got) != 2 || got[0] != 30*time.Minute {
		t.Error(got)
	}
}
