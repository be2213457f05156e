//go:build !unix

package main

import "context"

// memory is not measured here: 0.
func (l *lab) memory(context.Context, tool, scenario) (float64, error) { return 0, nil }
