//! Every back end of this project keeps every rule that it can.

use crate::subjects;

#[test]
fn every_back_end_keeps_the_rules() {
    for back_end in subjects::ALL {
        let report = back_end.check();
        println!("{report}");
        report.assert_held();
    }
}
