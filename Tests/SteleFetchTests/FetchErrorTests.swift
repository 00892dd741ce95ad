// SPDX-License-Identifier: Apache-2.0

import SteleFetch
import Testing

@Suite("What fetching says")
struct FetchErrorTests {
    @Test("an error is its fact, and carries what to do")
    func text() {
        let error = FetchError(.badSetting, "the address has no host", remedy: "Give one.")
        #expect("\(error)" == "the address has no host" && error.remedy == "Give one.")
    }
}
