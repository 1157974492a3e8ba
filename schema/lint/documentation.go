package lint

import "github.com/promslo/promslo/schema/model"

func noDescription(s Input, report Report) {
	for _, service := range s.Services {
		if service.Description == "" {
			report(service.Source.At("service"), service.Name+" has no description", "say what it does, in a sentence: `description: …`")
		}
	}
	s.eachSLO(func(service model.Service, slo model.SLO) {
		if slo.Description == "" {
			report(service.Source.At("slos", slo.Key), service.Name+"/"+slo.Key+" has no description", "say what is promised, in a sentence: `description: …`")
		}
	})
}

func noOwner(s Input, report Report) {
	for _, service := range s.Services {
		if service.Owner == "" {
			report(service.Source.At("service"), service.Name+" has no owner", "name the team that answers for it: `owner: …`")
		}
	}
}

func noRunbook(s Input, report Report) {
	for _, service := range s.Services {
		if service.Contacts["runbook"] == "" {
			report(service.Source.At("service"), "who is paged for "+service.Name+" finds no runbook", "add `contacts: {runbook: https://…}`")
		}
	}
}
