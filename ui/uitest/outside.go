package uitest

import tea "charm.land/bubbletea/v2"

// Title is what the terminal's title bar says.
func (d *Driver) Title() string { return d.model.View().WindowTitle }

// Bar is what a task bar shows, nil if nothing.
func (d *Driver) Bar() *tea.ProgressBar { return d.model.View().ProgressBar }
