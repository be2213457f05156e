// Package resolver chooses versions: for a set of hosts, one version of every
// project that is needed, and for each host the file of it.
//
// It sees the world through one interface, [Source]. What it asks for ahead of
// the search only shortens the waits: the search itself asks one question at a
// time, in an order that depends on nothing but the answers, so that the same
// request and the same answers give the same [Resolution].
//
//	for each project, when it comes up
//	    list its files, sort them into versions
//	    the best file of a version for a host: best tag, build tag, sdist last
//	    a version without one does not exist for that host
//	solve with pubgrub: newest version first, by the rules of pip for
//	    pre-releases, yanked versions, Requires-Python, constraints and URLs
//	    read the metadata of what is chosen; if it turns out to be of no use,
//	        or its sdist to need a compiler: that version does not exist
//	on success: files, chains, order of installation, what was passed over
//	on failure: from the proof, what was asked and by whom, what there is,
//	    the nearest miss, what would help
//
// Nothing here prints; errors are values whose Lines say the same in words.
package resolver
