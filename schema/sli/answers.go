package sli

import (
	"fmt"
	"strconv"

	"github.com/promslo/promslo/schema/model"
)

var _, _ model.Answering = &HTTP{}, &GRPC{}

// GoodBeside returns classes, statuses and ranges of statuses, ascending.
func (h *HTTP) GoodBeside(answers []string) (out []string) {
	beside := func(status int) bool {
		text := strconv.Itoa(status)
		return keepsStatus(h.Promises, text) && !keepsStatus(answers, text)
	}
	for from := 100; from < 600; from++ {
		if !beside(from) {
			continue
		}
		to := from // the last of a range, which ends with its class
		for (to+1)%100 != 0 && beside(to+1) {
			to++
		}
		switch {
		case to-from == 99:
			out = append(out, fmt.Sprintf("%dxx", from/100))
		case to == from:
			out = append(out, strconv.Itoa(from))
		default:
			out = append(out, fmt.Sprintf("%d to %d", from, to))
		}
		from = to
	}
	return out
}

// GoodBeside returns codes in the order of their numbers.
func (g *GRPC) GoodBeside(answers []string) (out []string) {
	named := codesNamed(answers)
	for _, code := range Codes {
		if KeepsCode(g.Promises, code) && !KeepsCode(named, code) {
			out = append(out, code)
		}
	}
	return out
}

// codesNamed returns codes of any spelling as KeepsCode knows them.
func codesNamed(spellings []string) (out []string) {
	for _, spelling := range spellings {
		out = append(out, codeNamed(spelling))
	}
	return out
}

// MoreAnswers reports whether some statuses or codes are answers that were none before.
func MoreAnswers(was, is []string) bool {
	return len((&HTTP{Promises: is}).GoodBeside(was))+len((&GRPC{Promises: codesNamed(is)}).GoodBeside(was)) > 0
}
