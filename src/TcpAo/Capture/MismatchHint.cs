namespace TcpAo.Capture;

/// <summary>Why a MAC does not match: the one change under which it would.</summary>
/// <param name="Name">Machine-readable, such as <c>options-excluded</c> or <c>algorithm:aes-128-cmac-96</c>.</param>
/// <param name="Sentence">The same for people, one sentence. Never a secret.</param>
public sealed record MismatchHint(string Name, string Sentence);
