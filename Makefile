GO ?= go
# A collector that runs less often halves the wall time of large test runs.
export GOGC ?= 200

.DEFAULT_GOAL := help

.PHONY: help
help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## Build ./promslo
	CGO_ENABLED=0 $(GO) build -trimpath -o promslo ./cmd/promslo

.PHONY: generate
generate: build ## Generate rules, tests and dashboards of the specs in testdata/promises
	./promslo generate testdata/promises

.PHONY: test
test: tools ## Run all tests; builds the real servers the first time
	$(GO) test -timeout 25m ./...

.PHONY: test-random
test-random: tools ## Try ten thousand random specs, of SEED (minutes)
	$(GO) test ./generate -run TestRandomSpecs -v -timeout 60m -rapid.nofailfile -rapid.checks 10000 -rapid.seed $(SEED)

SEED ?= 1

.PHONY: test-oracle
test-oracle: ## Compare what the rules of 400 random SLOs record with what happened (minutes)
	$(GO) test ./generate -run TestOracle -count 1 -timeout 60m -oracle.seeds 400

# The trees whose rules are changed, and how many mistakes in percent must be noticed.
MUTATED ?= promises monorepo shop field house
MUTATE_MIN ?= 97

.PHONY: test-mutation
test-mutation: build ## Try the generated tests on mistakes in the rules: 97 % must be noticed (minutes)
	@out=$$(mktemp -d) && trap 'rm -rf "$$out"' EXIT && for tree in $(MUTATED); do \
		./promslo generate --out "$$out/$$tree" testdata/$$tree || exit; \
	done && ./promslo test --mutate-min $(MUTATE_MIN) "$$out"

.PHONY: hostile
hostile: ## Try inputs that should hang, crash or leak, kills, full disks and shuffled runs (minutes)
	$(GO) -C cmd/promslo test -v -run '^Test(Hostile|Killed|FullDisk|Concurrent|Shuffled)$$' -count 1 -timeout 60m -args -strict -kills 200 -shuffles 100 \
		| grep -vE '^( +---|=== )'

.PHONY: fuzz
fuzz: ## Fuzz the readers of specs, and all that is made of them (minutes)
	$(GO) test ./schema -run xxx -fuzz FuzzLoadYAML -fuzztime 1m
	$(GO) test ./schema -run xxx -fuzz FuzzLoadJSON -fuzztime 1m
	$(GO) test ./generate/dashboard -run xxx -fuzz FuzzIndent -fuzztime 1m
	$(GO) test ./generate -run xxx -fuzz FuzzPipeline -fuzztime 10m -fuzzminimizetime 1s

.PHONY: golden
golden: ## Rewrite the golden files from what the code makes now
	UPDATE=1 $(GO) test -run Golden ./schema/diag
	UPDATE=1 $(GO) test -run 'Golden|Bad|Readme|Script' ./generate ./generate/dashboard ./schema ./cmd/...

# What is drawn; the pictures of the README go to testdata/images.
PICTURES = testdata/pictures

$(PICTURES)/node_modules: $(PICTURES)/package-lock.json
	npm --prefix $(PICTURES) ci --ignore-scripts --no-audit --no-fund
	@touch $@

.PHONY: pictures
pictures: $(PICTURES)/node_modules ## Draw dashboards in every state with Grafana's components (needs Node and Chromium; minutes)
	rm -rf $(PICTURES)/out && mkdir $(PICTURES)/out
	$(GO) run ./$(PICTURES) -out $(PICTURES)/out
	node $(PICTURES)/render.mjs $(PICTURES)/out
	cp $(PICTURES)/out/paging.png testdata/images/slo.png
	cp $(PICTURES)/out/fleet.png testdata/images/fleet.png

EDITORS = testdata/editors

$(EDITORS)/node_modules: $(EDITORS)/package-lock.json
	npm --prefix $(EDITORS) ci --ignore-scripts --no-audit --no-fund
	@touch $@

.PHONY: editors
editors: $(EDITORS)/node_modules ## Try the JSON Schema in yaml-language-server (needs Node)
	EDITORS=1 $(GO) test ./cmd/promslo -run TestYAMLLanguageServer -count 1

.PHONY: grafana
grafana: $(PICTURES)/node_modules ## Read Grafana's schema and ids anew from npm
	node $(PICTURES)/grafana.mjs

.PHONY: fmt
fmt: ## Format the code
	$(GO) fmt ./...

.PHONY: lint
lint: ## Check formatting and vet
	@test -z "$$(gofmt -l cmd generate schema templates testdata)" || { gofmt -d cmd generate schema templates testdata; exit 1; }
	$(GO) vet ./... ./testdata ./testdata/pictures
	$(GO) -C testdata/servers vet ./...

SERVERS = $(addprefix .tools/,promtool prometheus rulecost alertmanager amtool yq vmalert-tool cue)

.PHONY: tools
tools: $(SERVERS) ## Build the real Prometheus, Alertmanager, vmalert's checker and cue for the tests

.tools/promtool .tools/prometheus: PACKAGE = github.com/prometheus/prometheus/cmd/$(@F)
.tools/promtool .tools/prometheus: testdata/servers/go.mod
.tools/rulecost: PACKAGE = ./rulecost
.tools/rulecost: testdata/servers/go.mod $(wildcard testdata/servers/rulecost/*.go)
.tools/alertmanager .tools/amtool: PACKAGE = github.com/prometheus/alertmanager/cmd/$(@F)
.tools/yq: PACKAGE = github.com/mikefarah/yq/v4
.tools/alertmanager .tools/amtool .tools/yq: testdata/servers/alertmanager/go.mod
.tools/vmalert-tool: PACKAGE = github.com/VictoriaMetrics/VictoriaMetrics/app/vmalert-tool
.tools/vmalert-tool: testdata/servers/victoria/go.mod
.tools/cue: PACKAGE = cuelang.org/go/cmd/cue
.tools/cue: testdata/servers/cue/go.mod

$(SERVERS):
	@mkdir -p .tools
	$(GO) -C $(<D) build -trimpath -tags=remove_all_sd -o $(CURDIR)/$@ $(PACKAGE)
	@touch $@

.PHONY: bench
bench: tools ## Measure whole runs against promtool, and the cost of rules (PROMSLO_PEERS=DIR compares)
	$(GO) test ./cmd/promslo -run '^$$' -bench . -benchtime 1x -timeout 60m
	$(GO) test ./generate -run '^$$' -bench RuleCost -benchtime 1x

.PHONY: bench-rules
bench-rules: .tools/rulecost ## Measure cost, budgets and alerts of the rules on many traces (PROMSLO_PEERS=DIR compares)
	$(GO) test ./generate -run '^$$' -bench 'Rules|RuleCost|Blocks' -benchtime 1x -timeout 30m
