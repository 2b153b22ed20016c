namespace TcpAo.Hosting.Diagnosis;

/// <summary>One thing that was looked at.</summary>
/// <param name="Name">What, such as <c>kernel-queue</c>.</param>
/// <param name="Result"><c>ok</c>; <c>note</c>: worth knowing; <c>warning</c>: works, but should be looked at; <c>problem</c>: does not work.</param>
/// <param name="Text">What was found, one sentence.</param>
/// <param name="Mend">The command or setting that would mend it; null where nothing needs to be.</param>
public sealed record DoctorCheck(string Name, string Result, string Text, string? Mend);
