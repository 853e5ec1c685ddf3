package poddir

import (
	"fmt"
	"os"
	"testing"
	"time"
)

func TestAllArePodsNewestFirst(t *testing.T) {
	t.Parallel()
	pods := podsOf(t)
	if all, err := All(pods); err != nil || len(all) > 0 {
		t.Errorf("of no folder: %v (%v)", all, err)
	}
	begun := time.Now()
	for n := range 100 { // more than one reader's share
		d := create(t, pods)
		state(t, d, Status{State: Exited, Created: begun.Add(time.Duration(n*37%100) * time.Second)})
	}
	if err := os.WriteFile(pods+"/"+NewUUID(), nil, 0o600); err != nil { // no pod
		t.Fatal(err)
	}
	all, err := All(pods)
	if err != nil || len(all) != 100 {
		t.Fatalf("%d pods (%v)", len(all), err)
	}
	for i, s := range all {
		if want := begun.Add(time.Duration(99-i) * time.Second); !s.Created.Equal(want) {
			t.Fatalf("number %d was created %v, not %v", i, s.Created, want)
		}
	}
	some, err := Some(pods, []string{all[7].UUID, NewUUID(), all[3].UUID})
	if err != nil || len(some) != 2 || some[0].UUID != all[3].UUID {
		t.Errorf("%v (%v)", some, err)
	}
}

// BenchmarkAll looks at pods of which twenty run, as "list" does.
func BenchmarkAll(b *testing.B) {
	for _, ended := range []int{100, 1000, 4000} {
		b.Run(fmt.Sprint(ended+20), func(b *testing.B) {
			pods := podsOf(b)
			exit := 0
			now := time.Now()
			for n := range ended + 20 {
				d := create(b, pods)
				s := Status{
					State: Running, Created: now, Started: now, Networks: []string{"default:ip4=172.16.28.3"},
					Apps: []AppStatus{{Name: "web", Image: "podtui.local/demo-web:1.0", ImageID: "sha512-" + fmt.Sprintf("%0128d", n), Started: now, PID: 4711}},
				}
				if n >= 20 {
					s.State, s.Ended, s.Exit, s.Apps[0].Ended, s.Apps[0].Exit = Exited, now, &exit, now, &exit
				}
				state(b, d, s)
				if n >= 20 {
					d.Unlock()
				}
			}
			for b.Loop() {
				if all, err := All(pods); err != nil || len(all) != ended+20 {
					b.Fatal(len(all), err)
				}
			}
		})
	}
}
