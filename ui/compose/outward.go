package compose

import (
	"maps"
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/podtui/podtui/engine/spec"
	"github.com/podtui/podtui/ui/screen"
	"github.com/podtui/podtui/ui/secrets"
)

// Secrets have their values in the form, where they are changed and undone as
// everything else. What leaves it has a file in their place: the command line, and the
// pod that is run. The file is only written when one of these is asked for.

// secretFiles is what the form knows of files with secrets.
type secretFiles struct {
	next  string                // the path of the one that would be written next; "" if it has none yet
	paths map[string]string     // of what was written or read, by what is in it
	under map[string]string     // of what is being written, by what is in it
	read  map[string][]spec.Var // what files hold that a pod came with, nil: that is asked for
}

// unfit says why a secret can't be in a file, or is "".
func (s *Screen) unfit(v spec.Var) string {
	has := func(o spec.Var) bool { return o.Name == v.Name }
	switch {
	case s.options.Secrets == nil:
		return "there is no folder for secrets"
	case !secrets.Fits(v):
		return "a file of variables has one line for each"
	case slices.ContainsFunc(s.around().EnvFile, has):
		return "another file of variables has it"
	}
	return ""
}

// outward is the pod as it leaves the form.
func (s *Screen) outward() spec.Pod {
	pod := clone(s.draft.pod)
	vars := s.filing.vars
	if len(vars) == 0 {
		return pod
	}
	without := func(env []spec.Var) []spec.Var {
		env = slices.DeleteFunc(env, func(v spec.Var) bool { return slices.Contains(vars, v) })
		if len(env) == 0 {
			return nil
		}
		return env
	}
	pod.Env = without(pod.Env)
	for i := range pod.Apps {
		pod.Apps[i].Env = without(pod.Apps[i].Env)
	}
	pod.EnvFiles = append(pod.EnvFiles, s.secretsFile(secrets.Text(vars)))
	return pod
}

// secretsFile is the path of a file with secrets, which need not be there yet.
func (s *Screen) secretsFile(text string) string {
	if path, known := s.files.paths[text]; known {
		return path
	}
	if path, writing := s.files.under[text]; writing {
		return path
	}
	if s.files.next == "" {
		s.files.next = s.options.Secrets.New()
	}
	return s.files.next
}

// secretsWritten is how writing a file with secrets went.
type secretsWritten struct {
	path, text string
	err        error
}

// writeSecrets returns the work of writing the file that the pod needs outside of the
// form; nil, if it needs none or has it.
func (s *Screen) writeSecrets() tea.Cmd {
	if len(s.filing.vars) == 0 {
		return nil
	}
	text := secrets.Text(s.filing.vars)
	if _, there := s.files.paths[text]; there {
		return nil
	}
	if _, writing := s.files.under[text]; writing {
		return func() tea.Msg { return nil } // which is told when it is there
	}
	path := s.secretsFile(text)
	if s.files.under == nil {
		s.files.under = make(map[string]string)
	}
	s.files.under[text], s.files.next = path, "" // another text has another file
	return func() tea.Msg { return secretsWritten{path, text, s.options.Secrets.Write(path, text)} }
}

// takeWritten goes on with what the file was written for.
func (s *Screen) takeWritten(m secretsWritten) screen.Out {
	delete(s.files.under, m.text)
	if m.err != nil {
		s.waiting = false
		return screen.Say(screen.Notice{Text: "secrets can't be kept: " + m.err.Error(), Wrong: true})
	}
	s.keep(m.path, m.text)
	s.refresh()
	return s.goOn(nil)
}

// keep notes what a file holds: the next one has another name.
func (s *Screen) keep(path, text string) {
	if s.files.paths == nil {
		s.files.paths = make(map[string]string)
	}
	s.files.paths[text] = path
	if s.files.next == path {
		s.files.next = ""
	}
}

// secretsRead is what a file with secrets holds.
type secretsRead struct {
	path string
	vars []spec.Var
	err  error
}

// openSecrets has the variables of a pod that came with a file of secrets in the form,
// where they can be changed, and returns the work of reading such files.
func (s *Screen) openSecrets() tea.Cmd {
	if s.options.Secrets == nil || s.editing != nil {
		return nil
	}
	var cmds []tea.Cmd
	for _, path := range s.draft.pod.EnvFiles {
		if !s.options.Secrets.Has(path) {
			continue
		}
		vars, asked := s.files.read[path]
		switch {
		case vars != nil:
			s.inward(path, vars)
		case !asked:
			if s.files.read == nil {
				s.files.read = make(map[string][]spec.Var)
			}
			s.files.read[path] = nil
			cmds = append(cmds, func() tea.Msg {
				vars, err := s.options.Secrets.Read(path)
				return secretsRead{path, vars, err}
			})
		}
	}
	return tea.Batch(cmds...)
}

// takeSecrets takes them, unless the file is of no use: then it stays a file, and what is
// wrong with it is said there.
func (s *Screen) takeSecrets(m secretsRead) screen.Out {
	if m.err != nil || len(m.vars) == 0 {
		delete(s.files.read, m.path) // it may be there later
		return screen.Out{}
	}
	s.files.read[m.path] = m.vars
	return screen.Do(s.follow())
}

// inward puts variables in the place of the file that they are in. That is no change:
// the pod leaves the form as it came.
func (s *Screen) inward(path string, vars []spec.Var) {
	came := s.draft.moment
	pod, marks := clone(came.pod), maps.Clone(came.marks)
	pod.EnvFiles = slices.DeleteFunc(pod.EnvFiles, func(file string) bool { return file == path })
	if len(pod.EnvFiles) == 0 {
		pod.EnvFiles = nil
	}
	for _, v := range vars {
		given := func(o spec.Var) bool { return o.Name == v.Name }
		if slices.ContainsFunc(pod.Env, given) { // which is over the file
			continue
		}
		pod.Env = append(pod.Env, v)
		if !secretive(v.Name, v.Value) {
			if marks == nil {
				marks = make(map[string]bool)
			}
			marks[v.Name] = true
		}
	}
	s.keep(path, secrets.Text(vars))
	if same(s.started, came.pod) {
		s.started = clone(pod)
	}
	s.draft.moment = moment{pod, marks}
}
