namespace TcpAo.KeyChains;

/// <summary>Something wrong with a secret, told without any of it.</summary>
/// <param name="Code">What kind of thing it is.</param>
/// <param name="Severity">How bad it is.</param>
/// <param name="Message">What it is.</param>
/// <param name="Hint">What to do about it.</param>
internal sealed record SecretWeakness(string Code, KeyFindingSeverity Severity, string Message, string Hint);
