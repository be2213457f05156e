package resolver

import "slices"

// checkHashes applies hash-checking mode: for everything there is a hash that the
// user allows. A requirement with neither a hash nor a version is asked for the
// version first, as in pip. Whether a file has its hash is for the download to say.
func (s *search) checkHashes(res *Resolution) error {
	on := s.request.Policy.RequireHashes
	for _, r := range s.roots {
		on = on || len(r.Hashes) > 0
	}
	if !on || s.request.Policy.HashesOptional {
		return nil
	}
	err := &HashError{}
	for i := range res.Packages {
		p := &res.Packages[i]
		if p.Installed || len(p.Hashes) > 0 {
			continue
		}
		last := p.Why[len(p.Why)-1].Requirement
		problem := HashProblem{Requirement: plain(&last), Chain: p.Why, Hash: knownHash(p)}
		if p.Direct || s.pinned(p) {
			err.Missing = append(err.Missing, problem)
		} else {
			err.Unpinned = append(err.Unpinned, problem)
		}
	}
	if len(err.Missing)+len(err.Unpinned) > 0 {
		return err
	}
	return nil
}

// pinned reports whether the user's requirements or constraints name the
// version of p.
func (s *search) pinned(p *Package) bool {
	for _, r := range s.roots {
		if r.name == p.Project && isPinned(r.Requirement.Specifiers) {
			return true
		}
	}
	return slices.ContainsFunc(s.constraints[p.Project], func(c *Constraint) bool {
		return isPinned(c.Requirement.Specifiers)
	})
}

// knownHash is the digest that an index gives for the file of p.
func knownHash(p *Package) string {
	for _, c := range p.Chosen {
		if c.File != nil && c.File.Hashes["sha256"] != "" {
			return "sha256:" + c.File.Hashes["sha256"]
		}
	}
	return ""
}
