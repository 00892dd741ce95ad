// SPDX-License-Identifier: Apache-2.0

/// Invented talk in Chinese and English: its letters are right, its sense is none.
struct Phrasebook {
    private let characters = Self.bytes(Self.commonCharacters.map(String.init))
    private let chinese = Self.bytes(Self.chineseWords.split(separator: " ").map(String.init))
    private let english = Self.bytes(Self.englishWords.split(separator: " ").map(String.init))
    private let stock = Self.bytes(Self.stockPhrases)
    private let emoji = Self.bytes(["😂", "👍", "🙏", "🎉", "❤️", "🍵", "🔥", "😅"])
    private let endings = Self.bytes(["。", "？", "！", "～", "", "", ""])

    private let characterRanks = RankTable(count: commonCharacters.count, shift: 12)
    private let chineseRanks: RankTable
    private let englishRanks: RankTable

    init() {
        chineseRanks = RankTable(count: chinese.count, shift: 5)
        englishRanks = RankTable(count: english.count, shift: 3)
    }

    /// Appends one message's text, already fit to stand inside a JSON string.
    func appendText(to line: inout [UInt8], _ random: inout SeededRandom) {
        let style = random.below(100)
        let words = length(&random)
        switch style {
        case ..<12: line += random.element(of: stock)
        case ..<68: appendChinese(words: words, to: &line, &random)
        case ..<88: appendEnglish(words: words, to: &line, &random)
        default:
            appendChinese(words: words / 2 + 1, to: &line, &random)
            line.append(UInt8(ascii: " "))
            appendEnglish(words: words / 3 + 1, to: &line, &random)
        }
        switch random.below(100) {
        case ..<6: line += random.element(of: emoji)
        case ..<8:
            line += "\\n订单 "
            line.append(number: 202_600_000_000 + UInt64(random.below(1 << 36)))
        case ..<9:
            line += " https://tea.example/item/"
            line.append(number: UInt64(random.below(1 << 30)))
        default: break
        }
    }

    func appendChinese(words: Int, to line: inout [UInt8], _ random: inout SeededRandom) {
        for _ in 0..<words {
            if random.chance(percent: 60) {
                line += chinese[chineseRanks.draw(&random)]
            } else {
                line += characters[characterRanks.draw(&random)]
                if random.chance(percent: 50) { line += characters[characterRanks.draw(&random)] }
            }
            switch random.below(100) {
            case ..<8: line += "，"
            case ..<11: line.append(number: UInt64(random.below(256)))
            default: break
            }
        }
        line += random.element(of: endings)
    }

    private func appendEnglish(words: Int, to line: inout [UInt8], _ random: inout SeededRandom) {
        for index in 0..<words {
            if index > 0 { line.append(UInt8(ascii: " ")) }
            line += english[englishRanks.draw(&random)]
        }
        line.append(random.chance(percent: 20) ? UInt8(ascii: "?") : UInt8(ascii: "."))
    }

    /// Words in a text: mostly a few, now and then many.
    private func length(_ random: inout SeededRandom) -> Int {
        let longest = [6, 6, 12, 12, 24, 50]
        return 1 + random.below(random.element(of: longest))
    }

    private static func bytes(_ texts: [String]) -> [[UInt8]] {
        texts.map { Array($0.utf8) }
    }

    private static let stockPhrases = [
        "好的", "收到", "哈哈哈", "在吗？", "没问题", "辛苦了", "谢谢", "OK", "Thanks!", "On my way", "See you", "明天见",
    ]

    private static let chineseWords = """
        我们 你们 今天 明天 现在 时候 什么 怎么 可以 没有 知道 觉得 已经 还是 这个 那个 一下 一起 开会 吃饭 回来 出发 \
        到了 等等 周末 早上 晚上 下午 客户 订单 发货 快递 地址 价格 合同 方案 版本 上线 测试 问题 处理 确认 安排 时间 \
        茶叶 茶杯 开窑 釉色 工作室 老师 同学 朋友 家里 孩子 妈妈 生日 蛋糕 照片 视频 文件 会议 电话 手机 电脑 网络 系统 \
        高铁 机场 酒店 下雨 天气 太阳 北京 上海 杭州 广州 成都 西湖 公园 咖啡 奶茶 火锅 面条 水果 超市 医院 学校 考试 \
        加油 厉害 漂亮 便宜 麻烦 抱歉 放心 可能 应该 必须 马上 慢慢 终于 其实 虽然 但是 因为 所以 如果 然后 最后 第一次
        """

    private static let englishWords = """
        the to and you it is that we for in of on me be at have this do not can so what with just are will was if \
        there about get when how up know time go out see back today good work think need make let please tomorrow \
        right now send call meeting new ok sure maybe later home lunch order price photo file link done check great \
        still week day people really again thanks team train airport coffee tea kiln glaze cup studio weather rain
        """

    private static let commonCharacters = Array(
        """
        的一是不了在人有我他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没\
        日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理\
        美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新打便位因重被走电四第门相次东政海口使教西再平真听世气信北少\
        关并内加化由却代军产入先山五太水万市眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件安表原车白应路期叫死常提感金\
        何更反合放做系计或司利受光王果亲界及京务制解各任至清物台象记边共风战干接它许八特觉望直服毛林题建南度统色字请交爱让认算论\
        百吃义科怎元社术结六功指思非流每青管夫连远资队跟带花快条院变联言权往展该领传近留红治决周保达办运武半候七必城父强步完革深\
        区即求品士转量空甚众技轻程告江语英基派满式李息写呢识极令黄德收脸钱党倒未持取设始版双历越史商千片容研像找友孩站广改议形委\
        早房音火际则首单据导影失拿网香似斯专石若兵弟谁校读志飞观争究包组造落视济喜离虽坏爸妈茶窑釉瓷杯泥桂雨
        """)
}
