// Package promapi asks a server with the HTTP API of Prometheus: Prometheus itself,
// Thanos, Mimir, VictoriaMetrics.
//
// In: an address, Prometheus's own HTTP client configuration, PromQL. Out: complete
// answers or an error in a sentence. What may be incomplete is an error: warnings,
// partial responses, texts that end early or are too long. No redirect is followed, and
// memory, time and the number of queries at once are bounded.
package promapi
