GO ?= go
TOOLS := .tools/promtool .tools/prometheus

.PHONY: build
build: ## Build ./promslo
	$(GO) build -o promslo ./cmd/promslo

.tools/promtool .tools/prometheus: testdata/servers/go.mod
	@mkdir -p .tools
	$(GO) -C testdata/servers build -tags=remove_all_sd -o $(CURDIR)/$@ github.com/prometheus/prometheus/cmd/$(@F)
	@touch $@
