//! What agents and visitors do about pages seen together, in any order and also where it makes no sense.

use std::collections::BTreeSet;

use hub::{Command, Input};
use ws::{
    cobrowse::{Act, AgentAct, Grant, Guide, VisitorAct},
    id::{AgentId, InteractionId, VisitorId},
};

use super::Town;

/// Names what was done.
pub(super) fn kind(act: &Act) -> String {
    let act = serde_json::to_value(act).expect("acts can be written");
    format!("Cobrowsed {}", act["is"].as_str().unwrap_or_default())
}

impl Town {
    pub(super) fn check_guide(&self, command: &Command) {
        let Command::Guide {
            interaction, guide, ..
        } = command
        else {
            return;
        };
        let found = self.fold.interaction(*interaction);
        let sharing = found.and_then(|found| found.cobrowse.as_ref());
        let granted = sharing.is_some_and(|it| it.granted.contains(&guide.needs()));
        assert!(granted, "done without consent: {guide:?}");
    }

    pub(super) fn see_pages(&mut self) {
        std::mem::swap(&mut self.dice, &mut self.pages);
        if self.dice.chance(30) {
            self.see_a_page();
        }
        std::mem::swap(&mut self.dice, &mut self.pages);
    }

    fn see_a_page(&mut self) {
        let held: Vec<_> = self
            .fold
            .interactions()
            .filter_map(|found| {
                let stay = found.assignment.as_ref()?;
                Some((found.id, stay.agent.clone(), found.visitor))
            })
            .collect();
        let Some((interaction, agent, visitor)) = self.dice.pick(&held).cloned() else {
            return;
        };
        match visitor {
            // A page that is open, so that it can be asked for.
            Some(visitor) if self.widgets.get(&visitor).is_none_or(BTreeSet::is_empty) => {
                self.next += 1;
                let socket = self.next;
                self.widgets.entry(visitor).or_default().insert(socket);
                self.tell(Input::WidgetOpened { visitor, socket });
            }
            Some(visitor) if self.dice.chance(50) => self.visitor_acts(interaction, visitor),
            Some(_) => self.agent_acts(interaction, agent),
            None => self.pair(interaction, agent),
        }
    }

    fn grants(&mut self) -> BTreeSet<Grant> {
        let all = [Grant::View, Grant::Point, Grant::Push, Grant::Control];
        let mut grants: BTreeSet<_> = all.into_iter().filter(|_| self.dice.chance(50)).collect();
        if self.dice.chance(60) {
            grants.insert(Grant::View);
        }
        grants
    }

    fn visitor_acts(&mut self, interaction: InteractionId, visitor: VisitorId) {
        let mut grants = self.grants();
        let found = self.fold.interaction(interaction);
        let sharing = found.and_then(|found| found.cobrowse.as_ref());
        // Mostly what was asked.
        if let Some(asked) = sharing.and_then(|sharing| sharing.asked.clone()) {
            grants = match self.dice.chance(50) {
                true => asked.grants,
                false => grants.intersection(&asked.grants).copied().collect(),
            };
        }
        let url = format!("https://shop.example/{}", self.dice.below(3));
        let act = match self.dice.below(10) {
            0..=6 => VisitorAct::Answer { grants },
            7 if self.dice.chance(30) => VisitorAct::Revoke { grants },
            7 => VisitorAct::Revoke {
                grants: BTreeSet::from([Grant::Point, Grant::Control]),
            },
            8 if self.dice.chance(50) => VisitorAct::Undone { label: None },
            8 => VisitorAct::Page { url, title: None },
            _ => VisitorAct::Suggest { url, title: None },
        };
        self.act(visitor, Some(interaction), act);
    }

    fn act(&mut self, visitor: VisitorId, interaction: Option<InteractionId>, act: VisitorAct) {
        let (act, re) = (Box::new(act), self.asker());
        self.tell(Input::CobrowseOfVisitor {
            visitor,
            interaction,
            act,
            zone: None,
            re,
        });
    }

    fn agent_acts(&mut self, interaction: InteractionId, agent: AgentId) {
        let agent = match self.dice.chance(90) {
            true => agent,
            false => self.agent(),
        };
        let url = "https://shop.example/help".to_owned();
        let act = match self.dice.below(10) {
            0..=3 => AgentAct::Ask {
                grants: self.grants(),
            },
            4 if self.dice.chance(30) => AgentAct::Stop {},
            4..=5 => AgentAct::Watch { sheets: Vec::new() },
            6 if self.dice.chance(50) => AgentAct::Leave {},
            6 => AgentAct::Page { url, title: None },
            _ => AgentAct::Guide {
                stream: "s".to_owned(),
                guide: self.guide(),
            },
        };
        self.order(interaction, agent, act);
    }

    fn guide(&mut self) -> Guide {
        let (node, label) = (self.dice.below(9) as i32, Some("a field".to_owned()));
        match self.dice.below(4) {
            0 => Guide::Mark { node, label },
            1 => Guide::Clear {},
            2 => Guide::Press { node, label },
            _ => Guide::Fill {
                node,
                value: "blue".to_owned(),
                label,
            },
        }
    }

    fn order(&mut self, interaction: InteractionId, agent: AgentId, act: AgentAct) {
        let (act, re) = (Box::new(act), self.asker());
        self.tell(Input::CobrowseOfAgent {
            agent,
            interaction,
            act,
            re,
        });
    }

    // Somebody on the phone whose page is to be seen: a code from either side, or a guess.
    fn pair(&mut self, interaction: InteractionId, agent: AgentId) {
        let visitor = self.visitor();
        self.code = "000000".to_owned();
        if self.dice.chance(50) {
            self.act(visitor, None, VisitorAct::Code {});
            let code = self.code.clone();
            self.order(interaction, agent, AgentAct::Pair { code });
        } else {
            self.order(interaction, agent, AgentAct::Code {});
            let code = self.code.clone();
            self.act(visitor, None, VisitorAct::Pair { code });
        }
    }
}
