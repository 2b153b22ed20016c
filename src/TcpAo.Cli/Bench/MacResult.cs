namespace TcpAo.Cli.Bench;

/// <summary>What a MAC cost in one way.</summary>
/// <param name="Algorithm">Its name.</param>
/// <param name="MessageBytes">SNE, pseudo-header and segment.</param>
/// <param name="Mode"><c>single</c> or <c>batch</c>.</param>
/// <param name="Lanes">MACs side by side.</param>
/// <param name="Implementation">What computes.</param>
/// <param name="Role"><c>ours</c> or <c>reference</c>.</param>
/// <param name="Figures">The cost of one.</param>
/// <param name="Faster">How many times as fast as OpenSSL's EVP_MAC in the same run, by the minima; not a number without it.</param>
internal sealed record MacResult(
    string Algorithm, int MessageBytes, string Mode, int Lanes, string Implementation, string Role, BenchFigures Figures, double Faster);
