package installer

// judge refuses machine code that has no place on the host, or warns of it.
func (pl *Plan) judge(j *job) error {
	if pl.opts.Host == nil || len(j.item.Wheel.Native) == 0 {
		return nil
	}
	unfit := pl.opts.Host.CheckWheel(j.item.Wheel.Filename, j.item.Wheel.Native)
	if len(unfit) == 0 {
		return nil
	}
	refused := &NativeError{Wheel: j.wheel(), Unfit: unfit}
	if !pl.opts.AllowNative {
		return refused
	}
	j.notes = append(j.notes, Note{Wheel: j.wheel(), Text: refused.Reason(), Warning: true})
	return nil
}
