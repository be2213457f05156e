// Package pep440 holds versions, specifiers and sets of versions as the
// "Version specifiers" specification (PEP 440) defines them, with the answers
// of Python's packaging 26.3.
//
// # Versions
//
// A [Version] is a value of four words. Nearly every version in use fits three
// of them as one packed, ordered key; the rest (an epoch, a local label, more
// than four release numbers, large numbers) keep their exact parts behind the
// fourth. Both forms compare without allocating and never change once made.
//
// go-pep440-version normalises the spellings that are not canonical; what it
// gets wrong is put right in normalize.go and nowhere else.
//
// # Specifiers and sets
//
// [Specifiers] is what a requirement says, clause by clause. [Set] is what it
// means: a set of versions closed under union, intersection and complement, in
// a form in which equal sets have equal representations.
//
// Matching is kept apart from the admission of pre-releases: >=1.0 contains
// 2.0a1, and whether 2.0a1 may be chosen is the resolver's question, for which
// [Specifiers.AllowsPrereleases] and [Version.IsPrerelease] are the facts.
//
// # Where packaging differs
//
// Versions are limited to [MaxVersionLength], specifiers to
// [MaxSpecifiersLength] and [MaxClauses]; packaging has no limits. After ~= its
// pattern takes letters that Unicode folds into ASCII, such as the long s in
// "~=1.0.po\u017ft1", and then raises an AssertionError; here that is a [*ParseError].
package pep440
