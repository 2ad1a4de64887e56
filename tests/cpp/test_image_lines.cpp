// Images of JSON Lines: what is read of a line, and which lines are left to a slower reader.
#include "heatgrid/text/image_lines.hpp"

#include <algorithm>

#include "check.hpp"

using heatgrid::ImageLines;
using namespace heatgrid::check;

namespace {

// "LINE name split WxH kind [numbers;numbers;]" for each image, and "LINE left BEGIN-END" for each other
// line.
std::string scanned(const std::string& text) {
    const std::vector<char> exact(text.begin(), text.end());  // the memory ends with the text
    const ImageLines found = heatgrid::scan_image_lines(exact.data(), exact.size());
    std::ostringstream all;
    std::istringstream names(std::string(found.names.data(), found.names.size()));
    std::istringstream splits(std::string(found.splits.data(), found.splits.size()));
    std::string name;
    std::string split;
    std::size_t row = 0;
    std::size_t value = 0;
    for (std::size_t i = 0; i < found.lines.size(); ++i) {
        CHECK(std::getline(names, name) && std::getline(splits, split));
        all << found.lines[i] << " " << name << " " << split << " " << found.sizes[2 * i] << "x"
            << found.sizes[2 * i + 1] << " " << found.kinds[i] << " [";
        for (std::int64_t k = 0; k < found.rows[i]; ++k, ++row) {
            for (std::int64_t n = 0; n < found.lengths[row]; ++n)
                all << (n ? " " : "") << found.values[value++];
            all << ";";
        }
        all << "]\n";
    }
    CHECK_EQUAL(found.count,
                std::count(text.begin(), text.end(), '\n') + (!text.empty() && text.back() != '\n'));
    CHECK_EQUAL(row, found.lengths.size());
    CHECK_EQUAL(value, found.values.size());
    for (std::size_t i = 0; i < found.others.size(); ++i) {
        all << found.others[i] << " left " << found.bounds[2 * i] << "-" << found.bounds[2 * i + 1] << "\n";
    }
    return all.str();
}

std::string image(const std::string& annotations) {
    return R"({"type": "image", "file": "a", "width": 4, "height": 5, "annotations": )" + annotations + "}";
}

}  // namespace

TEST(images_and_their_rows) {
    CHECK_EQUAL(scanned(""), "");
    CHECK_EQUAL(scanned("\n \r\n"), "");
    CHECK_EQUAL(scanned(image(R"({"boxes": [[0, 0.5, 1], [1, 2]]})")), "0 a  4x5 0 [0 0.5 1;1 2;]\n");
    CHECK_EQUAL(scanned("\n" + image(R"({"segments": []})") + "\r\n" + image("{}")),
                "1 a  4x5 1 []\n2 a  4x5 -1 []\n");
    CHECK_EQUAL(
        scanned(R"({"split":"val","tags":[{}],"annotations":{"labels":[0],"pose":[[1]]},"type":"image"})"),
        "0  val nanxnan 3 [1;]\n");
}

TEST(other_lines_are_left) {
    const std::string good = image(R"({"obb": [[7]]})") + "\n";
    for (const char* const line :
         {"1", "[]", "{", "{}", R"({"type": "dataset"})", R"({"type": "image", "class_names": {}})",
          R"({"type": "image", "file": "a\n"})", R"({"type": "image", "file": 1})",
          R"({"type": "image", "width": "4"})", R"({"type": "image", "width": 1, "width": 2})",
          R"({"type": "image", "annotations": []})",
          R"({"type": "image", "annotations": {"boxes": [[1], []]}})",
          R"({"type": "image", "annotations": {"boxes": [[1], 2]}})",
          R"({"type": "image", "annotations": {"boxes": [[NaN]]}})",
          R"({"type": "image", "annotations": {"boxes": [[1]], "obb": [[1]]}})",
          R"({"type": "image", "annotations": {"boxes": [[1 2]]}})", R"({"type": "image"} 1)"}) {
        const std::string end = std::to_string(good.size() + std::string(line).size());
        CHECK_EQUAL(scanned(good + line + "\n" + good), "0 a  4x5 2 [7;]\n2 a  4x5 2 [7;]\n1 left " +
                                                            std::to_string(good.size()) + "-" + end + "\n");
    }
}
