import Foundation

/// Rules of style that a machine can hold.
enum TidyRules {
    static let lineCharactersMax = 120
    static let fileLinesMax = 600
    static let functionLinesMax = 70

    /// What is wrong with a file of Sources, Tests, Bench or Fuzz.
    static func faults(in file: SourceTree.File) -> [String] {
        var faults: [String] = []
        let lines = file.lines
        for (index, line) in lines.enumerated() where line.count > lineCharactersMax {
            faults.append("\(file.path):\(index + 1): a line of \(line.count) characters")
        }
        if lines.count > fileLinesMax { faults.append("\(file.path): \(lines.count) lines") }
        return faults
    }

    /// What is wrong, beyond that, with a file of Sources.
    static func faultsOfSource(in file: SourceTree.File) -> [String] {
        var faults: [String] = []
        for (index, line) in file.lines.enumerated() {
            if line.contains(#/\b(TODO|FIXME|XXX|HACK)\b/#) {
                faults.append("\(file.path):\(index + 1): what is left to do belongs in an issue")
            }
        }
        let code = codeOnly(file.text)
        for (index, line) in code.enumerated() {
            if line.contains(#/\b(try|as)!/#) {
                faults.append("\(file.path):\(index + 1): traps on an error or another type")
            } else if line.contains(#/[A-Za-z0-9_)\]}?"]!(?!=)/#) {
                faults.append("\(file.path):\(index + 1): unwraps by force")
            }
        }
        return faults + longFunctions(code).map { "\(file.path):\($0.line): a function of \($0.count) lines" }
    }

    /// Functions of more than `functionLinesMax` lines, from the line of `func` or `init` to the closing brace.
    private static func longFunctions(_ code: [String]) -> [(line: Int, count: Int)] {
        var found: [(line: Int, count: Int)] = []
        for (start, line) in code.enumerated() where line.contains(#/\b(func\s|init[(?<])/#) {
            var depth = 0
            for (end, text) in code[start...].enumerated() {
                depth += text.count { $0 == "{" } - text.count { $0 == "}" }
                if depth == 0, text.contains("}") {
                    if end + 1 > functionLinesMax { found.append((start + 1, end + 1)) }
                    break
                }
                // A declaration without a body ends where its parameters do.
                if depth < 0 || (depth == 0 && end > 12) { break }
            }
        }
        return found
    }

    /// The text's lines with the contents of comments and strings blanked out.
    static func codeOnly(_ text: String) -> [String] {
        var isInBlockString = false
        var isInComment = false
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            if isInBlockString {
                if line.contains("\"\"\"") { isInBlockString = false }
                return ""
            }
            var code = ""
            var isInString = false
            var characters = Array(line)[...]
            while let character = characters.popFirst() {
                let pair = String(character) + (characters.first.map(String.init) ?? "")
                if isInComment {
                    if pair == "*/" { isInComment = false; characters.removeFirst() }
                } else if isInString {
                    if character == "\\" { _ = characters.popFirst() }
                    if character == "\"" { isInString = false; code += "\"" }
                } else if pair == "//" {
                    break
                } else if pair == "/*" {
                    isInComment = true
                } else if character == "\"" {
                    if characters.starts(with: ["\"", "\""]) {
                        isInBlockString = !String(characters.dropFirst(2)).contains("\"\"\"")
                        break
                    }
                    isInString = true
                    code += "\""
                } else {
                    code.append(character)
                }
            }
            return code
        }
    }
}
