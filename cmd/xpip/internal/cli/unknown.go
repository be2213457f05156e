package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/xpip/xpip/host"
	"github.com/xpip/xpip/requirements"
	"github.com/xpip/xpip/resolver"
)

// mostShown bounds the requirements that one warning lists.
const mostShown = 12

// unknownMarker says which requirements depend on what is not known of a host,
// what was taken, and how that is settled.
func unknownMarker(w resolver.Warning) string {
	settled := fmt.Sprintf("which is not known for this host; %s was taken.\n  --marker %s=VALUE settles it", pyQuote(w.Default), w.Subject)
	n := len(w.Requirements)
	if n == 1 {
		return fmt.Sprintf("The marker of a requirement depends on %s, %s: %s", w.Subject, settled, w.Requirements[0])
	}
	shown := w.Requirements[:min(n, mostShown)]
	text := fmt.Sprintf("The markers of %d requirements depend on %s, %s. They are:\n    %s", n, w.Subject, settled, strings.Join(shown, "\n    "))
	if n > len(shown) {
		text += fmt.Sprintf("\n    and %d more", n-len(shown))
	}
	return text
}

// warnUnknown says which requirements of what is installed depend on what is not
// known of the host, so that they may have been judged wrongly.
func (e *environment) warnUnknown(h *host.Host) {
	found := map[string]map[string]bool{} // requirements by variable
	for i := range e.dists {
		for _, text := range e.dists[i].requiresDist() {
			r, err := requirements.Parse(strings.TrimSpace(text))
			if err != nil {
				continue // told where they are judged
			}
			for _, variable := range r.Marker.Evaluate(h.Environment()).Unknown {
				if found[variable] == nil {
					found[variable] = map[string]bool{}
				}
				found[variable][r.String()] = true
			}
		}
	}
	for _, variable := range slices.Sorted(maps.Keys(found)) {
		value, _ := h.Environment().Get(variable)
		e.app.printer.Warn("%s", unknownMarker(resolver.Warning{
			Kind: resolver.UnknownMarker, Subject: variable, Default: value.Text, Requirements: slices.Sorted(maps.Keys(found[variable])),
		}))
	}
}
