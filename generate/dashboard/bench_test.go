package dashboard

import "testing"

func BenchmarkSLO(b *testing.B) {
	s := users()
	for b.Loop() {
		if _, err := SLO(s, s.SLOs[0], header); err != nil {
			b.Fatal(err)
		}
	}
}
