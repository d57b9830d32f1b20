package interop

import (
	"strconv"
	"strings"
)

// rerun is the command that runs one cell again, for a POSIX shell.
func (r *run) rerun(c *Cell) string {
	args := []string{"ockamtest", "interop"}
	for _, p := range r.cfg.Peers {
		if p.Name == c.Initiator || p.Name == c.Responder {
			args = append(args, "--peer", p.Name+"="+p.Spec.Text)
			if len(p.Speaks) > 0 {
				args = append(args, "--speaks", p.Name+"="+spell(p.Speaks))
			}
		}
	}
	args = append(args, "--initiator", c.Initiator, "--responder", c.Responder, "--profile", c.Profile, "--transport", string(c.Transport),
		"--seed", strconv.FormatUint(r.cfg.Seed, 10))
	args = append(args, r.cfg.RerunArgs...)
	for i, arg := range args {
		args[i] = quote(arg)
	}
	return strings.Join(args, " ")
}

// quote puts an argument in single quotes if a shell would not take it as it is.
func quote(arg string) string {
	const harmless = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:,=@%+"
	if arg != "" && strings.Trim(arg, harmless) == "" {
		return arg
	}
	return "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
}

// spell writes what ParseSpeech reads, comma-separated.
func spell(speaks []Speech) string {
	var texts []string
	for _, s := range speaks {
		if s.Transports == nil {
			texts = append(texts, s.Profile)
		}
		for _, t := range s.Transports {
			texts = append(texts, s.Profile+":"+string(t))
		}
	}
	return strings.Join(texts, ",")
}
