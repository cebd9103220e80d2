//! Exploration.
use std::time::Instant;
use zkmargin_campaigns::{attack::*, scene::*};
use zkmargin_tamper::{campaign::Effort, *};
fn main() {
    for (statement, shape) in circuits().take(1) {
        let others: Vec<_> = (0..6)
            .map(|n| {
                let s = Scene::random(statement, shape, 100 + n).unwrap();
                Image::capture(&s.circuit, shape.k(), s.instance.clone()).unwrap()
            })
            .collect();
        for seed in [None, Some(1)] {
            let s = match seed {
                None => Scene::sample(statement, shape),
                Some(n) => Scene::random(statement, shape, n),
            }
            .unwrap();
            let t = Instant::now();
            let last = std::sync::Mutex::new(String::new());
            let r = attack(
                &s,
                &others,
                Depth::Quick,
                &Effort {
                    seed: 1,
                    budget: 40,
                    bits: 64,
                },
                &|name, _, total| {
                    let mut l = last.lock().unwrap();
                    if *l != name {
                        println!("{:?} {name} {total}", t.elapsed());
                        *l = name.to_owned();
                    }
                },
            )
            .unwrap();
            println!("{:?}", t.elapsed());
            println!("{}", serde_json::to_string_pretty(&r).unwrap());
        }
    }
}
