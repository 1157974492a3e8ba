package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/promslo/promslo/testdata"
)

// alertmanager is an Alertmanager that notifies a webhook.
type alertmanager struct{ *server }

// start writes the configuration, an own one merged with what was generated, and
// runs Alertmanager until the end of the test.
func (a alertmanager) start(t *testing.T, hook *webhook) {
	t.Helper()
	var own strings.Builder
	own.WriteString(`
global: {resolve_timeout: 1m}
route: {receiver: chat, group_wait: 1s, group_interval: 1s, repeat_interval: 1h}
receivers:
`)
	for _, name := range []string{"chat", "pager", "tracker", "major-incident"} {
		fmt.Fprintf(&own, "  - {name: %s, webhook_configs: [{url: %q}]}\n", name, hook.URL+"/"+name)
	}
	a.write(t, "alertmanager.yml", own.String())
	a.write(t, "alertmanager.yml", string(merge(t, a.dir)))
	a.run(t, testdata.Tool(t, "alertmanager"), "--config.file=alertmanager.yml", "--storage.path=notified",
		"--web.listen-address="+a.address(), "--cluster.listen-address=")
}

// known is an alert as Alertmanager's API tells it.
type known struct {
	Labels      map[string]string
	Fingerprint string
	StartsAt    time.Time
	UpdatedAt   time.Time
	Status      struct {
		State       string
		InhibitedBy []string
	}
}

// alert returns the alert of a severity and a region, if there is one.
func (a alertmanager) alert(t *testing.T, severity, region string) (found known, ok bool) {
	t.Helper()
	var all []known
	a.get(t, "/api/v2/alerts", nil, &all)
	i := slices.IndexFunc(all, func(k known) bool { return k.Labels["severity"] == severity && k.Labels["region"] == region })
	if i < 0 {
		return known{}, false
	}
	return all[i], true
}

// page returns the page of a region, which must be there.
func (a alertmanager) page(t *testing.T, region string) known {
	t.Helper()
	found, ok := a.alert(t, "page", region)
	if !ok {
		t.Fatalf("Alertmanager has no page of %s", region)
	}
	return found
}

// webhook is what stands for pager and tracker: it keeps each notification.
type webhook struct {
	*httptest.Server
	changed chan struct{}

	mu  sync.Mutex
	got []notification
}

// notification is what Alertmanager sends.
type notification struct {
	at          time.Time
	path        string // by which it came: the receiver's
	Receiver    string
	Status      string
	GroupLabels map[string]string
	Alerts      []notified
}

type notified struct {
	Status              string
	Labels, Annotations map[string]string
	StartsAt, EndsAt    time.Time
	Fingerprint         string
}

func newWebhook(t *testing.T) *webhook {
	t.Helper()
	h := &webhook{changed: make(chan struct{}, 1)}
	h.Server = httptest.NewServer(h)
	t.Cleanup(h.Close)
	return h
}

func (h *webhook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := notification{at: time.Now(), path: path.Base(r.URL.Path)}
	if err := json.NewDecoder(r.Body).Decode(&n); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	h.mu.Lock()
	h.got = append(h.got, n)
	h.mu.Unlock()
	select {
	case h.changed <- struct{}{}:
	default: // it is known already
	}
}

// notifications returns those of a receiver so far.
func (h *webhook) notifications(receiver string) []notification {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(h.got), func(n notification) bool { return n.path != receiver })
}

// of returns the alert of a region in the last of a receiver's notifications that
// has it with a status, and when that came.
func (h *webhook) of(receiver, region, status string) (found notified, at time.Time, ok bool) {
	for _, n := range slices.Backward(h.notifications(receiver)) {
		for _, a := range n.Alerts {
			if a.Labels["region"] == region && a.Status == status {
				return a, n.at, true
			}
		}
	}
	return notified{}, time.Time{}, false
}

// wait waits until a receiver was told of an alert of a region, for 40 s at most.
func (h *webhook) wait(ctx context.Context, t *testing.T, receiver, region, status string) (notified, time.Time) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 40*time.Second)
	defer cancel()
	for {
		if a, at, ok := h.of(receiver, region, status); ok {
			return a, at
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s was not told that the alert of %s is %s", receiver, region, status)
		case <-h.changed:
		}
	}
}
