package dashboard

import "testing"

func BenchmarkService(b *testing.B) {
	s := users()
	for b.Loop() {
		if _, err := Service(s, header); err != nil {
			b.Fatal(err)
		}
	}
}
