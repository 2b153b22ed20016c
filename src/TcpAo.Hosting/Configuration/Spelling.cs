namespace TcpAo.Hosting.Configuration;

/// <summary>Finds the word that was meant: optimal string alignment distance, letter case and <c>_</c> for <c>-</c> aside.</summary>
internal static class Spelling
{
    /// <summary>The hint "did you mean …?", or null when nothing is near.</summary>
    internal static string? Suggest(string written, IEnumerable<string> known) =>
        Nearest(written, known) is { } word ? $"did you mean '{Shown.Bare(word)}'?" : null;

    /// <summary>The nearest of <paramref name="known"/>, when it differs in no more than a third of its letters.</summary>
    internal static string? Nearest(string written, IEnumerable<string> known)
    {
        if (written.Length > 64)
        {
            return null;
        }

        string? best = null;
        int bestDistance = int.MaxValue;
        foreach (string word in known)
        {
            int distance = Distance(Plain(written), Plain(word));
            if (distance < bestDistance && distance <= Math.Max(1, word.Length / 3))
            {
                best = word;
                bestDistance = distance;
            }
        }

        return best;

        static string Plain(string text) => text.Replace('_', '-').ToUpperInvariant();
    }

    /// <summary>Insertions, deletions, replacements and swaps of neighbours that turn one text into the other.</summary>
    internal static int Distance(string left, string right)
    {
        int[,] cost = new int[left.Length + 1, right.Length + 1];
        for (int i = 0; i <= left.Length; i++)
        {
            for (int j = 0; j <= right.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    cost[i, j] = i + j;
                    continue;
                }

                int change = left[i - 1] == right[j - 1] ? 0 : 1;
                int least = Math.Min(Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1, cost[i - 1, j - 1] + change);
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                {
                    least = Math.Min(least, cost[i - 2, j - 2] + 1);
                }

                cost[i, j] = least;
            }
        }

        return cost[left.Length, right.Length];
    }
}
