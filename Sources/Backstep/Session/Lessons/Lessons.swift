// The lessons that come with the program: the files beside, compiled in.

/// The lessons there are.
enum Lessons {
  /// Their scripts, in order.
  static let all: [[UInt8]] = [
    PackageResources.lesson_1_one_neuron_grad,
    PackageResources.lesson_2_why_backwards_grad,
    PackageResources.lesson_3_fan_out_grad,
    PackageResources.lesson_4_two_layers_grad,
    PackageResources.lesson_5_sum_of_paths_grad,
    PackageResources.lesson_6_vanishing_gradients_grad,
    PackageResources.lesson_7_gradient_check_grad,
    PackageResources.lesson_8_gradient_descent_grad,
  ]

  /// The script of a lesson, counted from 1.
  static func text(_ number: Int) -> String? {
    (1...all.count).contains(number) ? String(decoding: all[number - 1], as: UTF8.self) : nil
  }
}
